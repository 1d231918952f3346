"""What is known of slices beside their pixels: rejections, folds, duplicates, families."""
