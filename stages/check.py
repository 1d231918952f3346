"""Stage `check`: is every parameter legal, by itself and beside the others?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import read_params
from hqcm.parameters.sections import check_params


def main() -> None:
    """All of the parameters in; a file that is always the same out, or what is wrong with them."""
    with stage(__doc__, outputs=["checked"]) as args:
        check_params(read_params())
        args.checked.write_text("Every parameter is legal.\n", encoding="utf-8")


if __name__ == "__main__":
    main()
