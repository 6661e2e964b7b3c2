"""`bench quality`: does voting pay on these machines? Questions with known answers, asked in three ways."""
