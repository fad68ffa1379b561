//! What handlers return: responses.
