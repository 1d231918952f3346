"""Stage `heads`: what code each network's head is made of."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.networks.head_code import write_head_code
from hqcm.networks.variants import Variants


def main() -> None:
    with stage(__doc__, inputs=["networks"], outputs=["heads"]) as args:
        write_head_code(args.networks, load_params("variants", Variants).root, args.heads)


if __name__ == "__main__":
    main()
