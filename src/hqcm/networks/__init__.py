"""The networks: an image in; logits, features and attention map out.

Here belongs what a network computes and the schemas of the sections it is built from; nothing here
knows of data sets, devices or losses. `network` assembles one from a section of `variants`:
`features`, `attention`, a projection, a head, a classifier; or `residual` alone. Modules that all
networks share are dependencies of every training, so keep them few.

To add a head, see `hqcm.networks.heads`. To add another body, write a `Network` as in `residual`,
give its name to `variants.Variant.body` and build it in `network`.
"""
