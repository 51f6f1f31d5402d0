COPY rows_again FROM STDIN;
