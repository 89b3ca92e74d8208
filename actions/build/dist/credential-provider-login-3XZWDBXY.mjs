import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import"./chunk-5UKVBEDZ.mjs";var n=()=>async()=>{throw new Error("a profile that signs in with a browser cannot be used on a runner")};export{n as fromLoginCredentials};
