"""A synthetic Nordic machine maker with three dealers, an ERP, an old Jira list and a CRM."""
