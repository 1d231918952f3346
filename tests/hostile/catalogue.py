"""The whole catalogue, by the reader that its files are for."""

from hostile import dicom_cases, matlab_cases, picture_cases

MODULES = {"dicom": dicom_cases, "matlab": matlab_cases, "images": picture_cases}
CASES = [case for module in MODULES.values() for case in module.CASES]
