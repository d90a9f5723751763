"""Options that the commands for real hosts have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

User = Annotated[str, typer.Option(help="Who asks; else IGC_REDFISH_USER.")]
PasswordEnv = Annotated[
    str,
    typer.Option(metavar="NAME", help="Variable with the password; else IGC_REDFISH_PASSWORD, the keyring, a prompt."),
]
Authorities = Annotated[Path | None, typer.Option("--ca", help="PEM file of the certificate authorities to trust.")]
Fingerprint = Annotated[str, typer.Option(help="SHA-256 of the only certificate that is accepted.")]
Insecure = Annotated[bool, typer.Option("--insecure", help="Accept any certificate.")]
AllowHttp = Annotated[bool, typer.Option("--allow-http", help="Allow plain http over a network.")]
Rate = Annotated[float, typer.Option(min=0, help="Requests a second at most; 0 for no bound.")]

Allow = Annotated[
    list[str] | None, typer.Option(help="What may be changed: a goal family, or a path with * in it. Repeatable.")
]
PolicyFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Policy file, for --approve policy.")]
MaxWrites = Annotated[int, typer.Option(min=0, help="The most changes of one host.")]
MaxResets = Annotated[int, typer.Option(min=0, help="The most resets of one host among these.")]
#: A week: what is longer, or infinite, is no time that could be waited for.
LONGEST_S = 604_800
WriteInterval = Annotated[
    float, typer.Option(min=0, max=LONGEST_S, help="Least seconds between two changes of one host.")
]
Settle = Annotated[float, typer.Option(min=0, max=LONGEST_S, help="Seconds that a change is given to show.")]
ResetSettle = Annotated[float, typer.Option(min=0, max=LONGEST_S, help="The same for the reset of a host.")]
JournalFile = Annotated[Path, typer.Option(metavar="FILE", help="Audit journal, added to.")]

AgentName = Annotated[
    str, typer.Option(help="Folder of a trained agent, or the name of one; the one of igc-agents if that is there.")
]
ReaderName = Annotated[
    str,
    typer.Option("--reader", help="Folder of a trained goal reader, or the name of one, for goals in free words."),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the agent's choices.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Run on the host's twin, and show what would be sent.")]

#: Where the journal goes if nobody says so.
JOURNAL = Path("igc-journal.jsonl")
