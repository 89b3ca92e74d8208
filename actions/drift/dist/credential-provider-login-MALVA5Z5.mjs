import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import"./chunk-I7KW5UFB.mjs";var n=()=>async()=>{throw new Error("a profile that signs in with a browser cannot be used on a runner")};export{n as fromLoginCredentials};
