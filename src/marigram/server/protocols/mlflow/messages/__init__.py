"""What MLflow's clients send and are sent, one module per family. A field that is unset is left out of an answer."""
