"""A simulated Redfish service, sans I/O: requests in, responses out."""
