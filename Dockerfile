# The program 'twotower' for linux/amd64, the only Linux that libtorch's package has natives for; other machines emulate it.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM --platform=linux/amd64 ${SDK_IMAGE} AS build
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /source
# Packages first: this layer is made anew only when a reference changes.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY TwoTower.Model/TwoTower.Model.csproj TwoTower.Model/
COPY TwoTower.Actors/TwoTower.Actors.csproj TwoTower.Actors/
COPY TwoTower.Node/TwoTower.Node.csproj TwoTower.Node/
RUN dotnet restore TwoTower.Node -r linux-x64 -p:PublishReadyToRun=true
COPY . .
# Compiled ahead of time (ReadyToRun), a node starts in about half the time. Python bindings and test libraries come with libtorch and are loaded by nobody here.
RUN dotnet publish TwoTower.Node -c Release -r linux-x64 --no-self-contained --no-restore -p:PublishReadyToRun=true -p:RunAnalyzers=false -p:DebugType=none -p:GenerateDocumentationFile=false -o /app \
 && rm -f /app/libtorch_python.so /app/libtorchbind_test.so /app/libjitbackend_test.so /app/libbackend_with_compiler.so /app/*.xml \
 && install -d -o 1654 -g 1654 /state /state/runs /state/state

FROM --platform=linux/amd64 ${RUNTIME_IMAGE}
# A process that cannot write anywhere but to its volume and /tmp; diagnostics would want sockets and files.
ENV DOTNET_EnableDiagnostics=0 \
    DOTNET_gcServer=0 \
    TWOTOWER__NODE__HEALTHPORT=4080
COPY --from=build /app /app
# Runs, state and an appsettings.json, if there is one; 1654 is the base image's own user without rights.
COPY --from=build --chown=1654:1654 /state /var/lib/twotower
USER 1654
WORKDIR /var/lib/twotower
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s --retries=6 CMD ["dotnet", "/app/twotower.dll", "node", "health"]
ENTRYPOINT ["dotnet", "/app/twotower.dll"]
CMD ["--help"]
