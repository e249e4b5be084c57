DROP TABLE statistics_days;
