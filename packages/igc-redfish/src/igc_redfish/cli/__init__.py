"""Commands of the igc program about Redfish."""
