"""The paper's claims held against what was measured."""
