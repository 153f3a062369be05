"""Each route that clients need first, over real HTTP: success, bad input, missing right, repetition.

One module per subject holds its routes as a table (``ROUTES``); ``test_each_route`` sends them, ``test_complete`` holds
the table to the list of what is owed.
"""
