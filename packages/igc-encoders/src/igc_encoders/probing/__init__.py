"""How much of a resource's state its vector tells: linear probes, collisions, and neighbours."""

from igc_encoders.probing.judging import Judgement, judge, judge_all, table

__all__ = ["Judgement", "judge", "judge_all", "table"]
