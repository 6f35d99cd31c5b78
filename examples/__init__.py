"""Ready hubs with synthetic data. Nothing here is imported by the product."""
