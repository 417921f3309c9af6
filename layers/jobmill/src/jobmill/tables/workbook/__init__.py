"""Reading a workbook (XLSX) that nobody vouches for: in a process of its own, in bounded memory."""
