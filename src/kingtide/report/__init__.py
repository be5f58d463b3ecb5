"""Run records as tables, plots and one offline HTML file."""
