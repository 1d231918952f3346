"""From a fresh network to a checkpoint, and what a trained network says.

Here belongs all that touches slices and network together: batches on the device, augmentation,
losses, epochs, the loop, checkpoints, inference. What is made of its answers stands in `evaluation`
and below; all of this is a dependency of every training, so nothing else should be here.

To add a term to the loss, write it in `losses`, with its weight in `LossParams` and params.yaml.
"""
