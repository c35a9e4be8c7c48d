"""How a certificate looks on paper. The only place that imports ReportLab."""
