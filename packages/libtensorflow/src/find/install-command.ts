/** What to install, and for which machine. */
export interface InstallFor {
  readonly platform?: NodeJS.Platform;
  /** As `process.arch` names it. */
  readonly arch?: string;
  /** With the libraries for an NVIDIA GPU. */
  readonly cuda?: boolean;
}

/** The command that puts a libtensorflow where the search finds it: into `.venv` of the working directory. */
export const installCommand = ({
  platform = process.platform,
  arch = process.arch,
  cuda = false,
}: InstallFor = {}): string => {
  const small = platform === 'linux' && arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  const distribution = cuda ? "'tensorflow[and-cuda]'" : small;
  return `python3 -m venv .venv && .venv/bin/pip install ${distribution}`;
};
