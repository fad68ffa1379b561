//! Foreign frameworks: the only place that names one.
