"""What can happen to cases: intake by the applicant, handling by the agency, outcomes from other services."""
