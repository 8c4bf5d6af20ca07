"""The esketamine nasal spray: devices, when each is given, and which dose may follow which."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.knowledge.shapes.protocol_surroundings import Product, Visit
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.dosing_limits import exact, plain
from overstory.pathway.dosing_values import DoseError, Sprays, Wish


def sprays(*, protocol: Protocol, wish: Wish, knowledge: Knowledge) -> Sprays:
    """
    Return the devices of one dose and when each is given, in minutes after the first.

    Without a wish it is the first dose of the protocol. The watch runs from the first device, never
    from the last.

    :raises DoseError: if the dose is not one of the protocol's or above its cap.
    """
    dose, device = protocol.dose, _device(protocol, knowledge)
    assert dose is not None
    mg = _mg(dose, wish)
    if dose.cap is None or mg > exact(dose.cap.mg):
        raise DoseError(f"{plain(mg)} mg is above the cap of the protocol")
    each_mg, pause = _numbers(device)
    devices, rest = divmod(mg, each_mg)
    if rest or devices < 1:
        raise DoseError(f"{plain(mg)} mg is no whole number of devices of {plain(each_mg)} mg")
    at = tuple(pause * place for place in range(int(devices)))
    return Sprays(
        mg=mg,
        cap_mg=exact(dose.cap.mg),
        product=device.id,
        devices=int(devices),
        at_minutes=at,
        watch_until_minutes=_watch(protocol, knowledge),
        steps=tuple(device.steps),
        asks=tuple(_asks(device, int(devices))),
    )


def _mg(dose: Dose, wish: Wish) -> Decimal:
    if wish.mg_per_kg is not None or wish.basis is not None:
        raise DoseError("esketamine is given in whole devices, not by weight")
    doses = tuple(exact(each) for each in (*dose.mg, *dose.reduce_to_mg))
    if wish.mg is None:
        first = dose.first_mg
        if first is None:
            raise DoseError(f"name the dose: {', '.join(plain(each) for each in doses)} mg")
        return exact(first)
    if wish.mg not in doses:
        raise DoseError(
            f"{plain(wish.mg)} mg is no dose of this protocol; it has "
            f"{', '.join(plain(each) for each in sorted(doses))} mg"
        )
    return wish.mg


def _device(protocol: Protocol, knowledge: Knowledge) -> Product:
    known = {each.id: each for each in knowledge.sections.get("products", ())}
    for each in protocol.products:
        product: Product = known[each]
        if "nasal" in product.route:
            return product
    raise DoseError(f"{protocol.id} names no nasal device")


def _numbers(device: Product) -> tuple[Decimal, Decimal]:
    if device.mg is None or device.minutes_between is None:
        raise DoseError(f"{device.id} has no mg or no minutes between devices")
    return exact(device.mg.value), exact(device.minutes_between.value)


def _watch(protocol: Protocol, knowledge: Knowledge) -> Decimal:
    visits: tuple[Visit, ...] = knowledge.sections.get("visits", ())
    for each in visits:
        if each.id == protocol.visit and each.observe is not None:
            return exact(each.observe.minutes)
    raise DoseError(f"{protocol.id} has no watch")


def _asks(device: Product, devices: int) -> Iterator[str]:
    if device.kit_devices and devices not in device.kit_devices:
        kits = " and ".join(str(each) for each in device.kit_devices)
        yield f"Kits have {kits} devices; say what becomes of those left over."
