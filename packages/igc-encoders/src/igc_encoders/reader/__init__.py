"""Reading goals in free words: encoders of short texts, and a head that brings texts near to what they mean."""
