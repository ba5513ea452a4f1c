# The command line on .NET's slim runtime image, for cron, Compose and Kubernetes:
#   docker build -t streamingpg .
#   docker run --rm -e POSTGRES_HOST=db -e POSTGRES_PASSWORD streamingpg batch
# Where these images cannot be pulled, --build-arg SDK_IMAGE=... and RUNTIME_IMAGE=... name others with the same .NET.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
# On for a fast start; off where the compiler that it needs cannot be had from NuGet.
ARG READY_TO_RUN=true
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /source
# Packages first: they are restored again only when these files change.
COPY Directory.Build.props Directory.Packages.props global.json ./
COPY src/StreamingPg/StreamingPg.csproj src/StreamingPg/
COPY src/StreamingPg.Core/StreamingPg.Core.csproj src/StreamingPg.Core/
COPY src/StreamingPg.Cli/StreamingPg.Cli.csproj src/StreamingPg.Cli/
RUN dotnet restore src/StreamingPg.Cli --use-current-runtime -p:PublishReadyToRun=${READY_TO_RUN}
COPY .editorconfig LICENSE README.md CHANGELOG.md ./
COPY src src
RUN dotnet publish src/StreamingPg.Cli --configuration Release --output /app --no-restore --use-current-runtime --self-contained false \
    -p:PublishReadyToRun=${READY_TO_RUN} -p:RunAnalyzers=false -p:GenerateDocumentationFile=false

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="streamingpg" \
      org.opencontainers.image.description="Generates related fake data, loads it into PostgreSQL, checks it and shows how it grows" \
      org.opencontainers.image.licenses="MIT"
# The notices are written by `./build.sh package`; an image that is passed on needs them, one for yourself does not.
COPY LICENSE output/packages/THIRD-PARTY-NOTICES.tx[t] /licenses/
COPY --from=build /app /app
# The number of the user app in .NET's images; a number works in images without that name, and satisfies runAsNonRoot.
USER 1654
WORKDIR /work
ENTRYPOINT ["/app/streamingpg"]
CMD ["--help"]
