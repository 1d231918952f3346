"""What stands between projection and classifier: one module a head, by the name in `variants`.

A head is a layer from the projected values ``(batch, width.n_amplitudes)`` to what the classifier
sees. What several heads share, and layers that other folders use, stand one folder up: a trained
network depends on the modules that its own head imports, and on no other head.

To add one, write a module here with three names, and a section of `variants` that gives its file's
name as `head` (CONTRIBUTING.md has an example):

* ``Params``, a `Section`: the keys that such a section has beside those of `Variant`;
* ``n_features(width)``: length of the vector that the classifier sees;
* ``build(params, width)``: the layer; only head `quantum` is given all of section `quantum`.
"""
