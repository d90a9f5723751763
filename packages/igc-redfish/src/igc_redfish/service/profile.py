"""What distinguishes one firmware's behaviour from another's, where its tree alone does not tell."""

from __future__ import annotations

from pydantic import Field

from igc_core.models import Model


class Delays(Model):
    """Virtual seconds that a machine takes. All zero means that every effect is seen by the next request.

    Attributes:
        power_s: From the reset request to the new power state.
        post_s: From power on to the end of the power-on self test, when staged settings are in force.
        manager_s: Outage of the service when its manager restarts.
        task_s: Run time of a task that is no firmware update.
        update_s: Run time of a firmware update.
    """

    power_s: float = Field(default=0.0, ge=0)
    post_s: float = Field(default=0.0, ge=0)
    manager_s: float = Field(default=0.0, ge=0)
    task_s: float = Field(default=0.0, ge=0)
    update_s: float = Field(default=60.0, ge=0)


class Profile(Model):
    """Quirks of one service.

    Attributes:
        require_if_match: A PATCH without If-Match is answered 428 (DSP0266, "Preconditions").
        account_slots: Accounts are fixed slots: POST is 405, an empty slot is PATCHed, deletion empties the name.
        bios_jobs: A BIOS change becomes a job; further changes are refused until the next boot.
        bios_pending_full: The settings resource shows all attributes, not only the pending ones.
        media_replace: Inserting over another image replaces it instead of 409.
        media_protocol_required: InsertMedia demands ``TransferProtocolType``.
        media_keeps_image: ``Image`` stays after an eject.
        reset_noop_refused: A reset that asks for the present power state is refused with 400 instead of ignored.
        restart_when_off_refused: A restart of a machine that is off is refused with 409 instead of powering it on.
        bios_refused_when_off: BIOS settings are refused with 409 while the host is off.
        patch_returns_body: A PATCH answers 200 with the resource rather than 204.
        delays: How long things take.
    """

    require_if_match: bool = False
    account_slots: bool = False
    bios_jobs: bool = False
    bios_pending_full: bool = False
    media_replace: bool = False
    media_protocol_required: bool = False
    media_keeps_image: bool = False
    reset_noop_refused: bool = False
    restart_when_off_refused: bool = False
    bios_refused_when_off: bool = False
    patch_returns_body: bool = True
    delays: Delays = Delays()
