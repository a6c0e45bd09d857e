"""gwaudit reads what a deployment says and tells what will really run."""

__version__ = "0.1.0"
