# docker build -t pivot-sum .                                           on the CPU
# docker build -t pivot-sum --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .    on a GPU (CUDA 13)
# docker run --rm -v "$PWD:/work" pivot-sum run pivot-nllb-bart --data dev.csv
#
# /work holds the data, the cache (.pivot-sum/), the runs and the models: mount a folder there, or all of it is lost
# with the container. Where your user is not number 1000, add --user "$(id -u):$(id -g)".
FROM python:3.12-slim-bookworm

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1

RUN useradd --create-home --uid 1000 pivot && install -d -o pivot -g pivot /work

# torch alone first: it is by far the largest layer, and changes only with its version.
WORKDIR /src
COPY constraints.txt ./
RUN grep '^torch==' constraints.txt > torch.txt && pip install --index-url "$TORCH_INDEX" --extra-index-url https://pypi.org/simple -r torch.txt

# Then what the program needs, which changes with pyproject.toml and not with the code.
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
    && pip install -c constraints.txt -r needed.txt

COPY README.md LICENSE ./
COPY pivot_sum pivot_sum
COPY stages stages
COPY cache cache
COPY configs configs
RUN pip install -c constraints.txt . && rm -rf /src

USER 1000:1000
WORKDIR /work
ENV HF_HOME=/work/.pivot-sum/hub
VOLUME /work
ENTRYPOINT ["pivot-sum"]
CMD ["run"]
