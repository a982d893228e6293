"""What is measured of a training run, a module for each question; `detector.train.evaluate` asks them all."""
