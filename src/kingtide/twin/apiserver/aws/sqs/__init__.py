"""The interruption queue behind SQS' calls, API version 2012-11-05."""
