"""What the stages after training leave: predictions, numbers with intervals, tables."""
