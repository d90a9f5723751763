"""An autoencoder that shrinks the hidden states of a language model to one latent for each resource."""
