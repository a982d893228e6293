"""Rebuilds the model: data, generators of spoiled text, learned tables, fitting, evaluation. The only room with scikit-learn."""
