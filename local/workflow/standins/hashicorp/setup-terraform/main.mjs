import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { input, main, refuseInputs } from '../../kit/action.mjs';

main(() => {
  refuseInputs(['cli_config_credentials_token']);
  const terraform = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'terraform'))
    .find(isExecutable);
  if (!terraform) throw new Error('terraform is not on the PATH. Install Terraform 1.11 or later.');
  console.log(`${terraform} (terraform_version ${input('terraform_version')} is not looked at)`);
});

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
