"""The catalogue as a workbook: a sheet for each kind of element, headed by Chinese titles and the national exchange's column names.

Source: columns of the national platform's `ml_matter_info` and `up_task_*`; GB/T 39554.2-2020; ADR-0039.
"""
