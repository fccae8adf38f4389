module @layer_norm {
  func.func public @main(%arg0: tensor<3x6xf32> loc("in0"), %arg1: tensor<6xf32> loc("in1"), %arg2: tensor<6xf32> loc("in2")) -> (tensor<3x6xf32>, tensor<3x6xf32>, tensor<6xf32>, tensor<6xf32>) {
    %0 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %0) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %2 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %3 = stablehlo.multiply %1, %2 : tensor<3xf32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %5 = stablehlo.subtract %arg0, %4 : tensor<3x6xf32>
    %6 = stablehlo.multiply %5, %5 : tensor<3x6xf32>
    %7 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %8 = stablehlo.reduce(%6 init: %7) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %9 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %10 = stablehlo.multiply %8, %9 : tensor<3xf32>
    %11 = stablehlo.constant dense<0x3727C5AC> : tensor<3xf32>
    %12 = stablehlo.add %10, %11 : tensor<3xf32>
    %13 = stablehlo.rsqrt %12 : tensor<3xf32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %15 = stablehlo.multiply %5, %14 : tensor<3x6xf32>
    %16 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %17 = stablehlo.multiply %15, %16 : tensor<3x6xf32>
    %18 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %19 = stablehlo.add %17, %18 : tensor<3x6xf32>
    %20 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %21 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %22 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %23 = stablehlo.reduce(%arg0 init: %22) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %24 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %25 = stablehlo.multiply %23, %24 : tensor<3xf32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %27 = stablehlo.subtract %arg0, %26 : tensor<3x6xf32>
    %28 = stablehlo.multiply %27, %27 : tensor<3x6xf32>
    %29 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %30 = stablehlo.reduce(%28 init: %29) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %31 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %32 = stablehlo.multiply %30, %31 : tensor<3xf32>
    %33 = stablehlo.constant dense<0x3727C5AC> : tensor<3xf32>
    %34 = stablehlo.add %32, %33 : tensor<3xf32>
    %35 = stablehlo.rsqrt %34 : tensor<3xf32>
    %36 = stablehlo.broadcast_in_dim %35, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %37 = stablehlo.multiply %27, %36 : tensor<3x6xf32>
    %38 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %39 = stablehlo.multiply %37, %38 : tensor<3x6xf32>
    %40 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %41 = stablehlo.add %39, %40 : tensor<3x6xf32>
    %42 = stablehlo.multiply %21, %41 : tensor<3x6xf32>
    %43 = stablehlo.multiply %21, %41 : tensor<3x6xf32>
    %44 = stablehlo.add %42, %43 : tensor<3x6xf32>
    %45 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %46 = stablehlo.reduce(%arg0 init: %45) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %47 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %48 = stablehlo.multiply %46, %47 : tensor<3xf32>
    %49 = stablehlo.broadcast_in_dim %48, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %50 = stablehlo.subtract %arg0, %49 : tensor<3x6xf32>
    %51 = stablehlo.multiply %50, %50 : tensor<3x6xf32>
    %52 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %53 = stablehlo.reduce(%51 init: %52) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %54 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %55 = stablehlo.multiply %53, %54 : tensor<3xf32>
    %56 = stablehlo.constant dense<0x3727C5AC> : tensor<3xf32>
    %57 = stablehlo.add %55, %56 : tensor<3xf32>
    %58 = stablehlo.rsqrt %57 : tensor<3xf32>
    %59 = stablehlo.broadcast_in_dim %58, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %60 = stablehlo.multiply %50, %59 : tensor<3x6xf32>
    %61 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %62 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %63 = stablehlo.reduce(%44 init: %62) applies stablehlo.add across dimensions = [0] : (tensor<3x6xf32>, tensor<f32>) -> tensor<6xf32>
    %64 = stablehlo.multiply %44, %61 : tensor<3x6xf32>
    %65 = stablehlo.multiply %44, %60 : tensor<3x6xf32>
    %66 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %67 = stablehlo.reduce(%65 init: %66) applies stablehlo.add across dimensions = [0] : (tensor<3x6xf32>, tensor<f32>) -> tensor<6xf32>
    %68 = stablehlo.multiply %64, %59 : tensor<3x6xf32>
    %69 = stablehlo.multiply %64, %50 : tensor<3x6xf32>
    %70 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %71 = stablehlo.reduce(%69 init: %70) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %72 = stablehlo.divide %58, %57 : tensor<3xf32>
    %73 = stablehlo.constant dense<0xBF000000> : tensor<3xf32>
    %74 = stablehlo.multiply %72, %73 : tensor<3xf32>
    %75 = stablehlo.multiply %71, %74 : tensor<3xf32>
    %76 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %77 = stablehlo.multiply %75, %76 : tensor<3xf32>
    %78 = stablehlo.broadcast_in_dim %77, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %79 = stablehlo.multiply %78, %50 : tensor<3x6xf32>
    %80 = stablehlo.multiply %78, %50 : tensor<3x6xf32>
    %81 = stablehlo.add %68, %79 : tensor<3x6xf32>
    %82 = stablehlo.add %81, %80 : tensor<3x6xf32>
    %83 = stablehlo.constant dense<0xBF800000> : tensor<3x6xf32>
    %84 = stablehlo.multiply %82, %83 : tensor<3x6xf32>
    %85 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %86 = stablehlo.reduce(%84 init: %85) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %87 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %88 = stablehlo.multiply %86, %87 : tensor<3xf32>
    %89 = stablehlo.broadcast_in_dim %88, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %90 = stablehlo.add %82, %89 : tensor<3x6xf32>
    return %19, %90, %67, %63 : tensor<3x6xf32>, tensor<3x6xf32>, tensor<6xf32>, tensor<6xf32>
  }
}
