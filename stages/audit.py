"""Stage `audit`: can the printed numbers be true? Pure arithmetic, no data."""

from hqcm.contracts.command_line import stage
from hqcm.paper.audit import audit_paper
from hqcm.paper.claims import load_claims
from hqcm.results.files import write_json


def main() -> None:
    """The paper's claims in, findings with their calculation out."""
    with stage(__doc__, inputs=["claims"], outputs=["audit"]) as args:
        audit = audit_paper(load_claims(args.claims))
        write_json(args.audit, audit.model_dump())


if __name__ == "__main__":
    main()
