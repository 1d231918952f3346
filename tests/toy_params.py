"""A toy network: the layout of params.yaml at a size that tests can afford."""

from typing import Any

Params = dict[str, Any]


def toy_params() -> Params:
    """16 x 16 images, 8 feature maps, 2 circuits of 2 qubits."""
    return {
        "prepare": {"image_size_px": 16},
        "network": {
            "input_batch_norm": True,
            "initial_weights": "released",
            "filters": [4, 6, 8],
            "kernel_sizes_px": [3, 5, 7],
            "channel_reduction": 4,
            "feature_dropout": 0.5,
            "projection_dropout": 0.5,
        },
        "attention": {"spatial_kernel_px": 7, "fusion": "mean", "channel_relu": True},
        "quantum": {"n_qubits": 2, "depth": 2, "n_circuits": 2, "backend": "exact"},
        "variants": {
            "paper": {"head": "quantum", "entangler": "cnot"},
            "released": {
                "head": "quantum",
                "entangler": "cz",
                "spatial_kernel_px": 1,
                "fusion": "learned",
                "channel_relu": False,
            },
            "no_entanglement": {"head": "quantum", "entangler": "none"},
            "frozen": {"head": "quantum", "entangler": "cnot", "frozen": True},
            "expressive": {"head": "quantum", "entangler": "cnot", "depth": 3},
            "counterpart": {"head": "linear", "activation": "relu"},
            "matched": {"head": "matched", "n_coefficients": 3},
            **{name: {"head": name} for name in ("normalised", "quadratic", "identity")},
            "resnet18": {"body": "resnet18"},
            "counterpart_slow": {
                "head": "linear",
                "activation": "relu",
                "base": "counterpart",
                "learning_rate": 0.001,
            },
        },
        "augment": {"rotation_degrees": 15.0, "horizontal_flip": 0.5, "vertical_flip": 0.5},
        "loss": {
            "class_weight": 1.0,
            "attention_weight": 1.0,
            "bce_weight": 0.3,
            "dice_weight": 0.7,
            "class_weights": "none",
            "attention_resolution": "mask",
            "dice_over": "slice",
            "dice_epsilon_px": 1.0,
        },
        "train": {
            "learning_rate": 0.01,
            "weight_decay": 0.0001,
            "batch_size": 8,
            "max_epochs": 3,
            "early_stopping_patience": 5,
            "gradient_clip_norm": 1.0,
            "plateau_factor": 0.5,
            "plateau_patience": 3,
            "device": "cpu",
            "precision": "float32",
        },
    }
