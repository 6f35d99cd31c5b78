"""The demo behind ``make demo``: a night's sync of the Nordic example, and what happened in it.

``python -m examples.nordic.demo run|keep|stop|change|clean [--seed N] [--to DIR]``
"""
