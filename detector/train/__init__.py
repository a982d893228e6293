"""Rebuilds the model: data, generators of spoiled text, fitting, evaluation. The only room with scikit-learn."""
