"""sushy, the Redfish library of OpenStack Ironic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sushy
from sushy import auth, exceptions

USER, PASSWORD = "admin", "Correct-Horse-7"
IMAGE = "http://192.0.2.9/images/rescue.iso"


@pytest.fixture
def root(bmc: Any) -> Iterator[Any]:
    """sushy's own view of the service root."""
    how = auth.SessionOrBasicAuth(USER, PASSWORD)
    yield _connect(bmc, how)
    how.close()


@pytest.fixture
def system(root: Any, bmc: Any) -> Any:
    return root.get_system(bmc.system())


def _connect(bmc: Any, how: Any) -> Any:
    return sushy.Sushy(bmc.url, verify=str(bmc.certificate), auth=how)


def _reset(bmc: Any, system: Any, kind: Any) -> Any:
    """Reset a system and wait for what comes of it, as machines take their time."""
    system.reset_system(kind)
    bmc.settle(system.path)
    system.refresh(force=True)
    return system.power_state


def _restart(bmc: Any, system: Any) -> None:
    _reset(bmc, system, sushy.ResetType.FORCE_OFF)
    assert _reset(bmc, system, sushy.ResetType.ON) is sushy.PowerState.ON


def test_session_login_and_logout(bmc: Any) -> None:
    how = auth.SessionAuth(USER, PASSWORD)
    root = _connect(bmc, how)
    assert root.redfish_version
    token = how.get_session_key()
    how.close()
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers={"X-Auth-Token": token}).status_code == 401


def test_basic_login(bmc: Any) -> None:
    assert _connect(bmc, auth.BasicAuth(USER, PASSWORD)).get_system_collection().members_identities


def test_wrong_password_is_refused(bmc: Any) -> None:
    with pytest.raises(exceptions.AccessError):
        _connect(bmc, auth.BasicAuth(USER, "wrong")).get_system_collection()


def test_power_off_and_on(bmc: Any, system: Any) -> None:
    assert _reset(bmc, system, sushy.ResetType.FORCE_OFF) is sushy.PowerState.OFF
    assert _reset(bmc, system, sushy.ResetType.ON) is sushy.PowerState.ON


def test_restart_that_is_offered(bmc: Any, system: Any) -> None:
    _restart(bmc, system)
    offered = system.get_allowed_reset_system_values()
    for kind in offered & {sushy.ResetType.FORCE_RESTART, sushy.ResetType.GRACEFUL_RESTART}:
        assert _reset(bmc, system, kind) is sushy.PowerState.ON


def test_boot_once_is_consumed_by_a_start(bmc: Any, system: Any) -> None:
    if sushy.BootSource.PXE not in system.get_allowed_system_boot_source_values():
        pytest.skip("no PXE")
    system.set_system_boot_options(sushy.BootSource.PXE, enabled=sushy.BootSourceOverrideEnabled.ONCE)
    staged = system.json.get("@Redfish.Settings", {}).get("SettingsObject", {}).get("@odata.id", system.path)
    boots = [bmc.get(place).get("Boot", {}) for place in (system.path, staged)]  # sushy chooses
    chosen = [(boot.get("BootSourceOverrideTarget"), boot.get("BootSourceOverrideEnabled")) for boot in boots]
    assert ("Pxe", "Once") in chosen
    _restart(bmc, system)
    assert system.boot["enabled"] is sushy.BootSourceOverrideEnabled.DISABLED


def test_boot_continuous_stays(bmc: Any, system: Any) -> None:
    if sushy.BootSource.HDD not in system.get_allowed_system_boot_source_values():
        pytest.skip("no disk to boot from")
    system.set_system_boot_options(sushy.BootSource.HDD, enabled=sushy.BootSourceOverrideEnabled.CONTINUOUS)
    _restart(bmc, system)
    assert system.boot["target"] is sushy.BootSource.HDD
    assert system.boot["enabled"] is sushy.BootSourceOverrideEnabled.CONTINUOUS


def test_indicator_led(system: Any) -> None:
    if system.indicator_led is None:
        pytest.skip("no IndicatorLED")
    for state in (sushy.IndicatorLED.BLINKING, sushy.IndicatorLED.OFF):
        system.set_indicator_led(state)
        system.refresh(force=True)
        assert system.indicator_led is state


def _bios(system: Any) -> Any:
    try:
        bios = system.bios
        bios.pending_attributes  # noqa: B018 - reads the settings object
    except (exceptions.SushyError, AttributeError):  # sushy knows no BIOS without one
        pytest.skip("no BIOS with settings")
    return bios


def _change(bios: Any) -> tuple[str, Any]:
    """Set an attribute to another value that its registry names; some depend on others and cannot be set now."""
    registry = bios.get_attribute_registry()
    if registry is None:
        pytest.skip("no attribute registry")
    for item in registry.registry_entries.attributes:
        values = [value["ValueName"] for value in item.allowable_values or ()]
        others = [value for value in values if value != bios.attributes.get(item.name)]
        if bios.attributes.get(item.name) in values and others and not item.read_only:
            try:
                bios.set_attribute(item.name, others[0])
            except exceptions.BadRequestError:
                continue
            return item.name, others[0]
    pytest.skip("no attribute with values to choose from")


def test_bios_attribute_is_pending_and_then_in_force(bmc: Any, system: Any) -> None:
    bios = _bios(system)
    name, value = _change(bios)
    bios.refresh(force=True)
    assert bios.pending_attributes[name] == value
    assert bios.attributes[name] != value
    _restart(bmc, system)
    bios.refresh(force=True)
    assert bios.attributes[name] == value


def test_bios_refuses_an_unknown_attribute(system: Any) -> None:
    bios = _bios(system)
    with pytest.raises(exceptions.BadRequestError) as caught:
        bios.set_attribute("NoSuchAttribute", 1)
    assert "NoSuchAttribute" in str(caught.value)


def test_bios_goes_back_to_defaults(bmc: Any, system: Any) -> None:
    bios = _bios(system)
    name, _ = _change(bios)
    _restart(bmc, system)
    try:
        bios.reset_bios()
    except exceptions.MissingActionError:
        pytest.skip("no ResetBios")
    _restart(bmc, system)
    bios.refresh(force=True)
    entries = {item.name: item for item in bios.get_attribute_registry().registry_entries.attributes}
    default = entries[name].default_value
    assert default is None or bios.attributes[name] == default


def _media(system: Any, root: Any, bmc: Any) -> Any:
    holders = [system, *root.get_manager_collection().get_members()]
    for holder in holders:
        try:
            found = holder.virtual_media.get_members()
        except exceptions.SushyError:
            continue
        for slot in found:
            if any(kind in str(slot.json.get("MediaTypes")) for kind in ("CD", "DVD")):
                if slot.inserted:
                    slot.eject_media()
                    slot.refresh(force=True)
                return slot
    return pytest.skip("no virtual CD drive")


def test_virtual_media_insert_and_eject(system: Any, root: Any, bmc: Any) -> None:
    media = _media(system, root, bmc)
    media.insert_media(IMAGE, inserted=True, write_protected=True)
    media.refresh(force=True)
    assert (media.inserted, media.image) == (True, IMAGE)
    media.eject_media()
    media.refresh(force=True)
    assert not media.inserted


def test_virtual_media_refuses_a_second_image(system: Any, root: Any, bmc: Any) -> None:
    media = _media(system, root, bmc)
    media.insert_media(IMAGE)
    replaces = True  # as some firmware does
    try:
        media.insert_media(f"{IMAGE}.other.iso")
    except (exceptions.BadRequestError, exceptions.HTTPError):
        replaces = False
    media.refresh(force=True)
    assert media.image.endswith("other.iso") is replaces


def test_secure_boot_is_staged_until_a_start(bmc: Any, system: Any) -> None:
    try:
        boot = system.secure_boot
    except exceptions.SushyError:
        pytest.skip("no secure boot")
    wanted = not boot.enabled
    boot.set_enabled(wanted)
    boot.refresh(force=True)
    assert boot.enabled is wanted
    _restart(bmc, system)
    boot.refresh(force=True)
    assert boot.enabled is wanted
    assert str(boot.current_boot.value) == ("Enabled" if wanted else "Disabled")


def test_secure_boot_keys_are_reset(bmc: Any, system: Any) -> None:
    try:
        boot = system.secure_boot
        boot.reset_keys(sushy.SecureBootResetKeysType.DELETE_ALL_KEYS)
    except (exceptions.MissingAttributeError, AttributeError):
        pytest.skip("no secure boot")
    except exceptions.MissingActionError:
        pytest.skip("no ResetKeys")
    _restart(bmc, system)
    boot.refresh(force=True)
    assert boot.mode is None or boot.mode is sushy.SecureBootMode.SETUP


def test_update_task_runs_to_its_end(root: Any, bmc: Any) -> None:
    bmc.pace(0)
    try:
        service = root.get_update_service()
        monitor = service.simple_update("http://192.0.2.9/firmware-9.9.9.bin")
    except (exceptions.MissingAttributeError, exceptions.MissingActionError, KeyError):  # sushy words it wrongly
        pytest.skip("no SimpleUpdate")
    task = monitor.get_task()
    assert task.task_state is sushy.TaskState.RUNNING
    bmc.advance(3600)
    task.refresh(force=True)
    assert task.task_state in {sushy.TaskState.COMPLETED, sushy.TaskState.EXCEPTION}
    assert task.percent_complete == 100 or task.task_state is sushy.TaskState.EXCEPTION


def test_firmware_inventory_is_read(root: Any) -> None:
    try:
        members = root.get_update_service().firmware_inventory.get_members()
    except exceptions.SushyError:
        pytest.skip("no firmware inventory")
    assert all(item.identity for item in members)


def test_volume_is_created_and_deleted(system: Any) -> None:
    try:
        storages = [one for one in system.storage.get_members() if one.drives]
        volumes = next(one.volumes for one in storages if "Volumes" in one.json)
        volumes.get_members()
    except (exceptions.SushyError, StopIteration):
        pytest.skip("no storage with volumes")
    allowed = volumes._conn.get(volumes.path).headers.get("Allow", "")
    if "POST" not in allowed:
        pytest.skip("volumes cannot be created")
    payload = {"Name": "scratch", "RAIDType": "RAID0", "CapacityBytes": 10 * 2**30}
    before = set(volumes.members_identities)
    try:
        made = volumes.create(payload)
    except exceptions.HTTPError as refused:
        if "drive" in str(refused).lower() or refused.status_code in {400, 409}:
            pytest.skip(f"no free drives: {refused}")
        raise
    volumes.refresh(force=True)
    new = set(volumes.members_identities) - before
    assert made is None or made.path in new
    volumes.get_member(new.pop()).delete()
    volumes.refresh(force=True)
    assert set(volumes.members_identities) == before


def test_event_subscription_and_test_event(root: Any, listener: Any) -> None:
    try:
        service = root.get_event_service()
        subscriptions = service.subscriptions
    except exceptions.SushyError:
        pytest.skip("no event service")
    before = subscriptions.members_identities
    made = subscriptions.create({"Destination": listener.url, "Protocol": "Redfish", "Context": "sushy"})
    assert made.context == "sushy"
    made.delete()
    subscriptions.refresh(force=True)
    assert subscriptions.members_identities == before


def test_sessions_are_listed_and_closed(bmc: Any, root: Any) -> None:
    key, uri = root.create_session(USER, PASSWORD)
    session = root.get_session(uri)
    assert session.username == USER
    session.delete()
    root.get_session_service()
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers={"X-Auth-Token": key}).status_code == 401


def test_hardware_is_read(system: Any, root: Any) -> None:
    assert system.identity
    for part in ("processors", "ethernet_interfaces"):
        try:
            collection = getattr(system, part)
        except exceptions.SushyError:
            continue
        assert collection.get_members() is not None
    assert [chassis.identity for chassis in root.get_chassis_collection().get_members()]
    assert [manager.identity for manager in root.get_manager_collection().get_members()]


def test_manager_is_reset(root: Any) -> None:
    manager = root.get_manager_collection().get_members()[0]
    try:
        offered = manager.get_allowed_reset_manager_values()
    except exceptions.MissingActionError:
        pytest.skip("the manager cannot be reset")
    manager.reset_manager(min(offered, key=lambda kind: "RESTART" not in kind.name))
    root.get_manager_collection()


def test_messages_are_read_from_registries(root: Any) -> None:
    assert root.lazy_registries is not None
    with pytest.raises(exceptions.ResourceNotFoundError):
        root.get_system(f"{'/redfish/v1'}/Systems/there-is-none")
