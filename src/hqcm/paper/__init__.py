"""The claims as printed, and the arithmetic behind them."""
