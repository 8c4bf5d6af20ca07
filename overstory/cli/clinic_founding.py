"""`overstory found`: the first clinic, its site, and the account of its manager."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from overstory.cli.clinic import clinic_open


@click.command(
    epilog="Example: overstory found 'Elm Clinic' --site 'Elm Clinic North' --time-zone "
    "America/New_York --phone '+1 555 0100' --address '1 Elm St, Ithaca NY' "
    "--manager 'Ana Field' --email ana@example.org"
)
@click.argument("name")
@click.option("--site", required=True, help="The name of its first site.")
@click.option("--time-zone", required=True, help="Of the site, such as America/New_York.")
@click.option("--phone", required=True, help="Of the site, as people call it.")
@click.option("--address", required=True, help="Of the site.")
@click.option("--manager", required=True, help="The name of who sets it up and invites the others.")
@click.option("--email", required=True, help="The manager's address, to sign in with.")
@click.option("--jurisdiction", type=click.Choice(["US", "EU"]), default="US", show_default=True,
              help="Whose labels hold.")  # fmt: skip
@click.option("--country", default="US", show_default=True, metavar="CC",
              help="Whose crisis lines are shown: two letters, as in ISO 3166.")  # fmt: skip
@click.password_option(help="The manager's password; asked for where it is not given.")
def found(password: str, **told: Any) -> None:
    """Found a clinic NAME; its manager then signs in, adds a second factor and invites the others."""
    with clinic_open(make=True):
        from overstory.clinic.config.opening import make_tables
        from overstory.clinic.people.actions.founding import Founding, FoundingError
        from overstory.clinic.people.actions.founding import found as found_clinic

        make_tables()
        if len(told["country"]) != 2 or not told["country"].isalpha():
            raise click.ClickException("--country: two letters, such as US or DE")
        try:
            clinic = found_clinic(
                founding=Founding(**told), password=password, at=datetime.now(UTC)
            )
        except FoundingError as error:
            raise click.ClickException(str(error)) from None
        slug = clinic.sites.get().slug
    click.echo(f"{clinic.name} is founded. Next: overstory serve")
    click.echo(
        "Its manager signs in, adds a second factor, and invites a medical director and staff."
    )
    click.echo(f"The public page of its site is /at/{slug}/")
