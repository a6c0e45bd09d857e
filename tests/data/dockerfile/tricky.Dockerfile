# syntax=docker/dockerfile:1
# escape=\

ARG BASE=3.11-slim

FROM python:${BASE} AS base
# a comment
ENV A=1 B="two words" \
    # inside a continuation
    C=three\ words

ENV OLD style value
RUN echo one && \

    echo two
RUN <<EOF
pip install gunicorn==22.0.0
echo CMD not an instruction
EOF
COPY --chown=1:1 --chmod=0755 a.sh b.sh /app/
COPY <<"PLAIN" <<OTHER /etc/conf/
$not expanded
PLAIN
second
OTHER
from base as final
HEALTHCHECK --interval=10s --timeout=3s CMD curl -f http://localhost/ || exit 1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENTRYPOINT [ "tini", "--" ]
CMD gunicorn --bind 0.0.0.0:8000 \
      app:app
